namespace HubService.Contracts;

/// <summary>Measures text as the contract does: in Unicode code points.</summary>
internal static class Texts
{
    /// <summary>Has the text more than so many characters?</summary>
    public static bool IsLonger(string text, int max) =>
        text.Length > max && text.EnumerateRunes().Count() > max;
}
