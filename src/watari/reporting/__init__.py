"""What happened, told to people: values of every stage go in as one `Report`, a document in their language comes out."""
