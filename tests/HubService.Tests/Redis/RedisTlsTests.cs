using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Redis;

/// <summary>A service in a process of its own, since whom a process trusts is decided when it starts.</summary>
public sealed class RedisTlsTests
{
    [Fact]
    public async Task A_server_with_a_trusted_certificate_is_spoken_to_over_tls_and_another_is_not()
    {
        using TempDirectory directory = new();
        (string certificate, string key) = Certificate(directory);
        int port = RedisServer.FreePort();
        await using RedisServer server = await RedisServer.StartAsync(new RedisServerOptions(Password: "pw", More:
        [
            "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no",
        ]));
        Dictionary<string, string> settings = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Streams__Store"] = "redis",
            ["Redis__Connection"] = $"localhost:{port},ssl=true,password=pw",
        };

        Task<(int ExitCode, string Output, string Errors)> untrusted = ServiceProcess.RunServiceAsync(new Dictionary<string, string>(settings) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" });
        await using ServiceProcess trusted = await ServiceProcess.StartServiceAsync(new Dictionary<string, string>(settings) { ["SSL_CERT_FILE"] = certificate });
        using var http = new HttpClient { BaseAddress = trusted.Url };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("health/ready", CancellationToken.None)).StatusCode);

        (int exitCode, _, string errors) = await untrusted;
        Assert.Equal(1, exitCode);
        Assert.Contains("Redis:Connection", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", errors, StringComparison.Ordinal);
    }

    private static (string Certificate, string Key) Certificate(TempDirectory directory)
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        (string file, string key) = (directory.File("redis.crt"), directory.File("redis.key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, rsa.ExportPkcs8PrivateKeyPem());
        return (file, key);
    }
}
