namespace HubService.Contracts;

/// <summary>A payload with a rule beyond its shape: a range, a text that must not be empty.</summary>
public interface IPayloadRule
{
    /// <summary>The first broken rule as the field's wire name and <c>must …</c>; null when all hold.</summary>
    (string Field, string Rule)? Violation();
}

internal static class Must
{
    public static (string Field, string Rule)? BeShare(string field, double? value) =>
        value is < 0 or > 1 ? (field, "must be between 0 and 1") : null;

    public static (string Field, string Rule)? BePercent(string field, double? value) =>
        value is < 0 or > 100 ? (field, "must be between 0 and 100") : null;

    public static (string Field, string Rule)? NotBeNegative(string field, double? value) =>
        value < 0 ? (field, "must not be negative") : null;

    public static (string Field, string Rule)? NotBeEmpty(string field, string value) =>
        value.Length == 0 ? (field, "must not be empty") : null;
}
