"""The portal (ЭҮП / ПЭП): a person registers, applies, signs, follows the matter and receives the result there."""
