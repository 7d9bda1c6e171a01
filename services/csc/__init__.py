"""The citizen service centre (ХҚКО АЖ / ИС ЦОН): an operator applies for a visitor, and hands the result out."""
