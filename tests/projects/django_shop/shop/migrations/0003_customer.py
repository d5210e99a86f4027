import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_grade"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [
        migrations.AddField("Customer", "name", models.TextField(default="it's")),
        migrations.AddField(
            "Customer", "grade", models.ForeignKey("shop.Grade", null=True, on_delete=django.db.models.deletion.CASCADE)
        ),
        migrations.AlterField("Customer", "email", models.CharField(max_length=200, unique=True)),
    ]
