"""Programs of others at the stand: OpenSSL's command and a JDK check certificates with what they bring along."""
