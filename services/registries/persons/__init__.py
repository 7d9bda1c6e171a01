"""The state database of natural persons (ЖТ ММБ / ГБД ФЛ): who somebody is, by which documents, and of which family."""
