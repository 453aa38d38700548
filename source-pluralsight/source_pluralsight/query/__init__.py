"""What is asked of the API, as data: fields, arguments, and the query texts made of them."""
