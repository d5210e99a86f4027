from django.db import models


class Customer(models.Model):
    email = models.CharField(max_length=200, unique=True)
    name = models.TextField(default="it's")
    grade = models.ForeignKey("Grade", null=True, on_delete=models.CASCADE)
    notes = models.TextField(default="")


class Grade(models.Model):
    title = models.CharField(max_length=50)
