"""What the rows of a record say of one course, sentence by sentence, each with the row that it comes from."""
