namespace SupportAgent.Tools;

/// <summary>A tool could not do what it was asked; the message is for the person who asked.</summary>
internal sealed class ToolException(string message) : Exception(message);
