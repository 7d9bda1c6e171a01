"""The closed vocabulary of actions, and the system that owns each.

An action is implemented once, in the service of its owner, and serves every regulation that names it. A step's journal
event must come from that system; that is what the conformance verdict calls the right actor.
"""

from enum import StrEnum

from shared.messages.systems import System


class Action(StrEnum):
    """What is done in a step. A word is added here only together with its implementation or its regulation."""

    # The portal, diagram 2.
    REGISTER_RECIPIENT = "register_recipient"
    """A recipient not yet known to the portal registers with IIN and password."""
    SIGN_IN = "sign_in"
    """The recipient enters IIN and password."""
    CHECK_CREDENTIALS = "check_credentials"
    """Condition: the data of the registered recipient are genuine."""
    REFUSE_AUTHORISATION = "refuse_authorisation"
    """The portal forms the message that authorisation is refused."""
    FILL_REQUEST = "fill_request"
    """The recipient chooses the service, fills the form, attaches documents and picks the signing certificate."""
    CHECK_CERTIFICATE = "check_certificate"
    """Condition: the certificate is in its term, not revoked, and its IIN is the IIN of the request."""
    REFUSE_CERTIFICATE = "refuse_certificate"
    """The portal forms the message that the service is refused because the signature is not confirmed."""
    SIGN_AND_SEND = "sign_and_send"
    """The recipient certifies the request; it leaves through the gateway for the regional gateway."""
    DELIVER_RESULT = "deliver_result"
    """The signed result reaches the recipient's personal cabinet."""
    # The portal, short form (register and send; show the status).
    SUBMIT_REQUEST = "submit_request"
    """The recipient registers on the portal and sends the signed request in one step."""
    SHOW_ACCEPTANCE = "show_acceptance"
    """The personal cabinet shows that the request is accepted."""
    # The regional gateway and the provider, in every electronic channel.
    REGISTER_DOCUMENT = "register_document"
    """The electronic document is entered in the registration journal of the regional gateway."""
    CHECK_DOCUMENTS = "check_documents"
    """Condition: the documents fit the standard and there are grounds for rendering the service."""
    REFUSE_SERVICE = "refuse_service"
    """The provider forms the reasoned refusal because of violations in the documents."""
    RUN_PROCEDURE = "run_procedure"
    """The provider runs its internal procedure, or the part of it that the step names."""
    # The provider's own office, the akim's, the employment centre's.
    ACCEPT_APPLICATION = "accept_application"
    """The office takes the application with its documents over the counter and gives the receipt."""
    # Without coming: from a registered device, or offered by the state itself.
    SUBMIT_FROM_DEVICE = "submit_from_device"
    """The recipient sends the request from a device registered on the portal, confirmed with a one-time password."""
    OFFER_SERVICE = "offer_service"
    """The provider learns from the state's systems that somebody is entitled to the service, and offers it."""
    GIVE_CONSENT = "give_consent"
    """Condition: the recipient answers the offer with the one-time password, or lets it be."""
    # The citizen service centre, diagram 1.
    OPERATOR_SIGN_IN = "operator_sign_in"
    """The operator enters login and password at the workplace of the centre."""
    ENTER_APPLICANT = "enter_applicant"
    """The operator chooses the service and enters the recipient and a notarised power of attorney."""
    QUERY_REGISTRIES = "query_registries"
    """The centre asks the persons and notary registries through the gateway."""
    CHECK_REGISTRY_DATA = "check_registry_data"
    """Condition: the registries know the recipient and the power of attorney."""
    REFUSE_NO_REGISTRY_DATA = "refuse_no_registry_data"
    """The centre forms the message that the data cannot be obtained."""
    COMPLETE_REQUEST = "complete_request"
    """The operator marks the paper documents, scans and attaches them, and certifies the form."""
    SEND_REQUEST = "send_request"
    """The request certified by the operator leaves through the gateway for the regional gateway."""
    HAND_OUT_RESULT = "hand_out_result"
    """The recipient receives the result from the operator."""
    RETURN_UNCOLLECTED = "return_uncollected"
    """The centre gives a result that nobody collected within the time of storage to the provider."""
    REFUSE_PACKAGE = "refuse_package"
    """The operator refuses to accept an incomplete package and gives the receipt of refusal; also in the short form."""
    # The citizen service centre, short form (package, provider, result).
    RECEIVE_PACKAGE = "receive_package"
    """The recipient hands in the package of documents."""
    ACCEPT_PACKAGE = "accept_package"
    """Condition: the package is complete; if so it is accepted against a receipt."""
    HAND_TO_PROVIDER = "hand_to_provider"
    """The centre hands the accepted documents to the provider."""
    COLLECT_RESULT = "collect_result"
    """The centre receives the result from the provider."""


OWNERS: dict[Action, System] = {
    **dict.fromkeys(
        (
            Action.REGISTER_RECIPIENT,
            Action.SIGN_IN,
            Action.CHECK_CREDENTIALS,
            Action.REFUSE_AUTHORISATION,
            Action.FILL_REQUEST,
            Action.CHECK_CERTIFICATE,
            Action.REFUSE_CERTIFICATE,
            Action.SIGN_AND_SEND,
            Action.DELIVER_RESULT,
            Action.SUBMIT_REQUEST,
            Action.SHOW_ACCEPTANCE,
            Action.SUBMIT_FROM_DEVICE,
            Action.GIVE_CONSENT,
        ),
        System.PORTAL,
    ),
    Action.REGISTER_DOCUMENT: System.REGIONAL_GATEWAY,
    **dict.fromkeys(
        (
            Action.CHECK_DOCUMENTS,
            Action.REFUSE_SERVICE,
            Action.RUN_PROCEDURE,
            Action.ACCEPT_APPLICATION,
            Action.OFFER_SERVICE,
        ),
        System.PROVIDER,
    ),
    **dict.fromkeys(
        (
            Action.OPERATOR_SIGN_IN,
            Action.ENTER_APPLICANT,
            Action.QUERY_REGISTRIES,
            Action.CHECK_REGISTRY_DATA,
            Action.REFUSE_NO_REGISTRY_DATA,
            Action.COMPLETE_REQUEST,
            Action.SEND_REQUEST,
            Action.HAND_OUT_RESULT,
            Action.RETURN_UNCOLLECTED,
            Action.RECEIVE_PACKAGE,
            Action.ACCEPT_PACKAGE,
            Action.REFUSE_PACKAGE,
            Action.HAND_TO_PROVIDER,
            Action.COLLECT_RESULT,
        ),
        System.CSC,
    ),
}
"""The system that implements and journals each action."""

CONDITIONS: frozenset[Action] = frozenset(
    {
        Action.CHECK_CREDENTIALS,
        Action.CHECK_CERTIFICATE,
        Action.CHECK_DOCUMENTS,
        Action.CHECK_REGISTRY_DATA,
        Action.ACCEPT_PACKAGE,
        Action.GIVE_CONSENT,
    }
)
"""Actions that pass or fail; their steps need ``on_fail`` and their events say ``passed``."""
