using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HubService.Tests.Wire;

/// <summary>A certificate for 127.0.0.1 that only the test's own clients trust.</summary>
internal sealed class OwnCertificate : IDisposable
{
    public OwnCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=hubservice test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    public X509Certificate2 Certificate { get; }

    public SslClientAuthenticationOptions Trusting => new()
    {
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { Certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public void Dispose() => Certificate.Dispose();
}
