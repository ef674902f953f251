"""Documents read as text: cleaned, split into tokens and sentences, with the way back to the stored text."""
