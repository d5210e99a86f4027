"""The look of the HTML report: elements, style and charts; nothing in it is loaded from anywhere."""
