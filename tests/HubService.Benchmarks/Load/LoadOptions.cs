using System.Globalization;

namespace HubService.Benchmarks.Load;

/// <summary>What the command line says.</summary>
internal sealed record LoadOptions
{
    public const string Usage = """
        load  [--scenarios A500,B,…] [--rounds 5] [--seconds 3] [--warm-up 1] [--server-warm-up 8] [--rehearsals 2] [--quick] [--scale 1]
              [--max-other 0.6] [--hub HubService.dll] [--variant name:Section:Key=value] [--servers bare,hub] [--out folder]
        report file.json …
        inner [BenchmarkDotNet's own options]
        """;

    public IReadOnlyList<string> Scenarios { get; private set; } = ["A500", "B", "H", "Asat", "Bsat"];

    public int Rounds { get; private set; } = 5;

    /// <summary>The length of a window.</summary>
    public double Seconds { get; private set; } = 3;

    /// <summary>Load before each window.</summary>
    public double WarmUp { get; private set; } = 1;

    /// <summary>Load before a server's first window, in seconds.</summary>
    public double ServerWarmUp { get; private set; } = 8;

    /// <summary>Rounds before the first one that counts.</summary>
    public int Rehearsals { get; private set; } = 2;

    /// <summary>Less than 1: with so much less of all connections, to see that it works.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>A window is repeated when others used more cores than this.</summary>
    public double MaxOther { get; private set; } = 0.6;

    /// <summary>The service's dll.</summary>
    public string Hub { get; private set; } = Path.Combine(AppContext.BaseDirectory, "HubService.dll");

    /// <summary>Further servers: the hub with other settings, by a name.</summary>
    public IReadOnlyDictionary<string, List<KeyValuePair<string, string>>> Variants => _variants;

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Servers { get; private set; }

    /// <summary>The folder for results.</summary>
    public string Out { get; private set; } = Path.Combine("artifacts", "benchmarks");

    private readonly Dictionary<string, List<KeyValuePair<string, string>>> _variants = new(StringComparer.Ordinal);

    /// <exception cref="UsageException">It cannot be understood; the message says how it is meant.</exception>
    public static LoadOptions Parse(string[] arguments)
    {
        var options = new LoadOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name == "--quick")
            {
                (options.Rounds, options.Seconds, options.WarmUp, options.ServerWarmUp, options.Rehearsals) = (1, 2, 0.5, 2, 0);
                continue;
            }

            if (i + 1 == arguments.Length)
            {
                throw new UsageException(Usage);
            }

            options.Set(name, arguments[++i]);
        }

        return options;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--scenarios":
                Scenarios = value.Split(',');
                break;
            case "--rounds":
                Rounds = (int)Number(value);
                break;
            case "--seconds":
                Seconds = Number(value);
                break;
            case "--warm-up":
                WarmUp = Number(value);
                break;
            case "--server-warm-up":
                ServerWarmUp = Number(value);
                break;
            case "--rehearsals":
                Rehearsals = (int)Number(value);
                break;
            case "--scale":
                Scale = Number(value);
                break;
            case "--max-other":
                MaxOther = Number(value);
                break;
            case "--hub":
                Hub = Path.GetFullPath(value);
                break;
            case "--variant":
                AddVariant(value);
                break;
            case "--servers":
                Servers = value.Split(',');
                break;
            case "--out":
                Out = value;
                break;
            default:
                throw new UsageException(Usage);
        }
    }

    private void AddVariant(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal), equals = text.IndexOf('=', StringComparison.Ordinal);
        if (colon < 1 || equals < colon)
        {
            throw new UsageException($"'{text}' is not name:Section:Key=value.");
        }

        if (!_variants.TryGetValue(text[..colon], out List<KeyValuePair<string, string>>? settings))
        {
            _variants[text[..colon]] = settings = [];
        }

        settings.Add(new(text[(colon + 1)..equals], text[(equals + 1)..]));
    }

    private static double Number(string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out double number) && number >= 0 ? number : throw new UsageException($"'{value}' is not a number.");
}
