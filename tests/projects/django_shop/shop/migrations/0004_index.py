from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("shop", "0003_customer")]
    operations = [
        AddIndexConcurrently("Customer", models.Index(fields=["name"], name="customer_name")),
        migrations.AddField("Customer", "notes", models.TextField(default="")),
    ]
