using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using HubService.Tests.House;

namespace HubService.Tests.Samples.LoadBalanced;

/// <summary>The YAML of the sample can be read, and says of the service what is so.</summary>
public sealed partial class ManifestTests
{
    private const string Folder = "samples/load-balanced";

    [Fact]
    public async Task The_manifests_have_what_a_rollout_without_a_gap_needs()
    {
        JsonElement[] hub = await DocumentsAsync("kubernetes/hub.yaml");
        Assert.Equal(["ConfigMap", "Deployment", "PodDisruptionBudget", "Service"], hub.Select(Kind));
        JsonElement pod = hub[1].GetProperty("spec").GetProperty("template").GetProperty("spec");
        JsonElement container = pod.GetProperty("containers")[0];

        Assert.Equal("/health/ready", Path(container, "readinessProbe"));
        Assert.Equal("/health/live", Path(container, "livenessProbe"));
        Assert.Equal("/health/startup", Path(container, "startupProbe"));
        int preStop = container.GetProperty("lifecycle").GetProperty("preStop").GetProperty("sleep").GetProperty("seconds").GetInt32();
        Assert.True(pod.GetProperty("terminationGracePeriodSeconds").GetInt32() > preStop + new HubService.Delivery.DeliveryOptions().DrainTime.TotalSeconds + 5);
        Assert.True(hub[1].GetProperty("spec").GetProperty("replicas").GetInt32() > hub[2].GetProperty("spec").GetProperty("minAvailable").GetInt32());

        Assert.Equal(["StatefulSet", "Service"], (await DocumentsAsync("kubernetes/redis.yaml")).Select(Kind));
        JsonElement ingress = Assert.Single(await DocumentsAsync("kubernetes/ingress.yaml"));
        Assert.Equal("cookie", ingress.GetProperty("metadata").GetProperty("annotations").GetProperty("nginx.ingress.kubernetes.io/affinity").GetString());
        Assert.DoesNotContain("\"/\"", ingress.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_containers_are_built_with_the_arguments_of_the_image_and_share_one_Redis()
    {
        JsonElement services = Assert.Single(await DocumentsAsync("compose.yaml")).GetProperty("services");
        string dockerfile = Repository.Read("Dockerfile");
        foreach ((string name, string port) in new[] { ("hub-a", "8081"), ("hub-b", "8082") })
        {
            JsonElement node = services.GetProperty(name);
            Assert.All(node.GetProperty("build").GetProperty("args").EnumerateObject(), a => Assert.Matches($@"(?m)^ARG {a.Name}\b", dockerfile));
            Assert.Equal("redis", node.GetProperty("environment").GetProperty("Streams__Store").GetString());
            Assert.Equal(port, node.GetProperty("environment").GetProperty("ASPNETCORE_HTTP_PORTS").GetString());
            Assert.Contains($"server {name}:{port}", Repository.Read($"{Folder}/nginx.conf"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("kubernetes/hub.yaml")]
    [InlineData("run.sh")]
    public void Settings_are_options(string file)
    {
        HashSet<string> known = OptionTable.Rows.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] named = [.. EnvironmentName().Matches(Repository.Read($"{Folder}/{file}")).Select(m => m.Value.Replace("__", ":", StringComparison.Ordinal)).Distinct()];

        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.Contains(n, known));
    }

    [Fact]
    public void The_limits_of_nginx_are_those_of_the_service()
    {
        string conf = Repository.Read($"{Folder}/nginx.conf");

        Assert.Contains($"client_max_body_size {1_114_112 / 1024}k;", conf, StringComparison.Ordinal);
        Assert.Contains("1,114,112", Readme.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("$request ", conf, StringComparison.Ordinal);
        Assert.DoesNotContain("$args", conf, StringComparison.Ordinal);
    }

    private static string Kind(JsonElement document) => document.GetProperty("kind").GetString()!;

    private static string Path(JsonElement container, string probe) => container.GetProperty(probe).GetProperty("httpGet").GetProperty("path").GetString()!;

    /// <summary>Read by Python's YAML, as there is no reader of YAML among the packages.</summary>
    private static async Task<JsonElement[]> DocumentsAsync(string file)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed.");
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))", $"{Folder}/{file}"])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process python = Process.Start(start)!;
        Task<string> output = python.StandardOutput.ReadToEndAsync(), errors = python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.SkipWhen((await errors).Contains("No module named 'yaml'", StringComparison.Ordinal), "python3-yaml is not installed.");
        Assert.True(python.ExitCode == 0, await errors);
        return [.. JsonElement.Parse(await output).EnumerateArray()];
    }

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+(__[A-Za-z0-9]+)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnvironmentName();
}
