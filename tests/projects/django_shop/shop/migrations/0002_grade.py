from django.db import migrations, models


def grades(apps, editor):
    Grade = apps.get_model("shop", "Grade")
    for n, title in enumerate(["first", "it's second", "third"], 1):
        Grade.objects.using(editor.connection.alias).create(title=title)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Grade",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=50)),
            ],
        ),
        migrations.RunPython(grades, migrations.RunPython.noop),
    ]
