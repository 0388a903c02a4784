using HubService.Contracts;

namespace HubService.Validation;

/// <summary>What a person wrote must say something and be no longer than the service takes.</summary>
internal static class TextCheck
{
    /// <summary>Null when the text will do; the error names the field.</summary>
    /// <param name="maxLength">In characters, counted as everywhere in the contract.</param>
    public static HubError? Check(string field, string text, int maxLength) =>
        string.IsNullOrWhiteSpace(text) ? HubError.Invalid(field, "is empty.")
        : Texts.IsLonger(text, maxLength) ? new HubError(ErrorCodes.PayloadTooLarge, $"{field}: at most {maxLength} characters are allowed.").With("field", field)
        : null;
}
