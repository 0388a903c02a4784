using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using HubService.Streams;

namespace HubService.Tests.House;

/// <summary>Every option of the service with its default and its meaning, read from the option classes and their doc comments.</summary>
internal static partial class OptionTable
{
    private static readonly Assembly Service = typeof(StreamOptions).Assembly;

    private static readonly XmlDocs Docs = new(Service);

    public sealed record Row(string Name, string Default, string Meaning)
    {
        public override string ToString() => $"| `{Name}` | {Default} | {Meaning} |";
    }

    /// <summary>In the order of the sections' names; within one, in the order of the class.</summary>
    public static IReadOnlyList<Row> Rows { get; } = [.. Roots().OrderBy(r => r.Section, StringComparer.Ordinal).SelectMany(r => Of(r.Section, Activator.CreateInstance(r.Type)!, ""))];

    /// <summary>The classes whose comment says what section they are bound from, as every XOptions must; those inside others left out.</summary>
    private static IEnumerable<(string Section, Type Type)> Roots()
    {
        Type[] all = [.. Service.GetTypes().Where(t => t.IsClass && (t.Name.EndsWith("Options", StringComparison.Ordinal) || SectionOf(t) is not null))];
        HashSet<Type> inside = [.. all.SelectMany(t => t.GetProperties()).Select(p => ItemOf(p.PropertyType) ?? p.PropertyType)];
        return all.Where(t => !inside.Contains(t)).OrderByDescending(t => t.Name, StringComparer.Ordinal)
            .Select(t => (SectionOf(t) ?? throw new InvalidOperationException($"The comment of {t.Name} does not say what it is bound from."), t));
    }

    private static string? SectionOf(Type type) =>
        Docs.HasSummary($"T:{type.FullName}") && BoundFrom().Match(Docs.Summary($"T:{type.FullName}")) is { Success: true } m ? m.Groups["section"].Value : null;

    /// <param name="about">What the object is about, where its own properties do not say it.</param>
    private static IEnumerable<Row> Of(string prefix, object defaults, string about)
    {
        Type type = defaults.GetType();
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.CanWrite || !IsPlain(p.PropertyType)))
        {
            string name = $"{prefix}:{property.Name}";
            string summary = Docs.Summary($"P:{type.FullName}.{property.Name}");
            string meaning = about.Length == 0 ? summary : $"{about.TrimEnd('.')}: {char.ToLowerInvariant(summary[0])}{summary[1..]}";
            Type? item = ItemOf(property.PropertyType);
            foreach (Row row in IsPlain(property.PropertyType) ? [new Row(name, Text(property.GetValue(defaults)), meaning)]
                : IsMap(property.PropertyType) ? [new Row($"{name}:{{event}}:{{field}}", "", meaning)]
                : item is null ? Of(name, property.GetValue(defaults)!, property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) ? "" : meaning)
                : IsPlain(item) ? [new Row($"{name}:0", "", meaning)]
                : Of($"{name}:0", Activator.CreateInstance(item)!, ""))
            {
                yield return row;
            }
        }
    }

    private static bool IsPlain(Type type) => type.IsPrimitive || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(Uri);

    private static bool IsMap(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>);

    private static Type? ItemOf(Type type) => type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GenericTypeArguments[0] : null;

    private static string Text(object? value) => value switch
    {
        null or "" => "",
        bool b => b ? "`true`" : "`false`",
        TimeSpan { Ticks: var ticks } time when ticks % TimeSpan.TicksPerSecond != 0 => $"`{time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0')}`",
        _ => $"`{string.Format(CultureInfo.InvariantCulture, "{0}", value)}`",
    };

    [GeneratedRegex("[Bb]ound from `(?<section>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BoundFrom();
}
