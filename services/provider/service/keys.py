"""The keys officers sign with what they take over the counter: each their own, enrolled when first needed."""

import asyncio

from services.provider.errors import NoOfficerKey
from services.provider.service.officers import Officer, Officers
from services.provider.service.organisations import Signatory
from shared.crypto.authority import load_or_create_identity
from shared.crypto.certificates import Certificate
from shared.crypto.identity import PrivateKey
from shared.messaging.platform import Platform


class OfficerKeys:
    """Keys with certificates that name the officer and their organisation, kept with the other identities."""

    def __init__(self, officers: Officers) -> None:
        self._officers = officers
        self._known: dict[str, Signatory] = {}
        self._enrolling = asyncio.Lock()

    async def of(self, officer: Officer, platform: Platform) -> Signatory:
        """The officer's key. Raises ``NoOfficerKey`` for one without an IIN, ``Unavailable`` if the authority is
        silent."""
        iin, organisation = officer.iin, self._officers.organisation_of(officer)
        if iin is None:
            raise NoOfficerKey(f"{officer.login} has no IIN, so there is no certificate for them")
        surname, _, given_name = officer.name.partition(" ")
        token = platform.stand.enrolment_token.get_secret_value()

        async def ask(key: PrivateKey) -> Certificate:
            return await platform.authority.enrol_officer(
                key,
                token,
                iin=iin,
                surname=surname,
                given_name=given_name or surname,
                bin=organisation.bin,
                organisation=organisation.name_in_certificate,
            )

        async with self._enrolling:
            known = self._known.get(officer.login)
            if known is None:
                folder, name = platform.stand.data_dir / "identities", f"provider-officer-{officer.login}"
                identity = await load_or_create_identity(
                    folder, name, authority=platform.authority, token=token, enrol=ask
                )
                known = Signatory(identity, (await platform.authority.anchors()).chain)
                self._known[officer.login] = known
            return known
