"""The certificate authority of the stand (НУЦ РК): issues certificates, tells what is revoked by CRL and OCSP."""
