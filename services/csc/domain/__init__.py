"""What a centre knows and decides, without any I/O: matters, enquiries, documents, receipts, opening hours, visits."""
