namespace SupportAgent; internal static class Placeholder { }
