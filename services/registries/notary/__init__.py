"""The unified notarial information system (БНАЖ / ЕНИС): the register of notarial acts, as far as powers of attorney
go."""
