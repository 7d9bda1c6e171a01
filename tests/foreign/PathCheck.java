import java.io.FileInputStream;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Validates leaf and issuing certificate against the root, revocation included; by lists if the fourth word is "crl". */
public class PathCheck {
    public static void main(String[] words) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509Certificate[] read = new X509Certificate[3];
        for (int i = 0; i < 3; i++) {
            try (FileInputStream file = new FileInputStream(words[i])) {
                read[i] = (X509Certificate) factory.generateCertificate(file);
            }
        }
        CertPath path = factory.generateCertPath(List.of(read[0], read[1]));
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(read[2], null)));
        if (words[3].equals("crl")) {
            System.setProperty("com.sun.security.enableCRLDP", "true");
        } else {
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
        }
        parameters.setRevocationEnabled(true);
        validator.validate(path, parameters);
        System.out.println("valid");
    }
}
