"""The regional e-government gateway (ЭҮАШ / РШЭП) with its workplace: the registration journal, the queue, the way to
the provider and back."""
