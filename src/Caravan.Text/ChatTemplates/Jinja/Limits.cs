namespace Caravan.Text.Jinja;

/// <summary>What a template may use up. Real templates and long conversations stay far below.</summary>
internal static class Limits
{
    /// <summary>Most characters of a template.</summary>
    public const int SourceLength = 1 << 20;

    /// <summary>Deepest nesting of blocks and brackets in a template.</summary>
    public const int SourceDepth = 100;

    /// <summary>Most steps of a rendering: a step is an operation, an element of a list, or <see cref="StepCharacters"/> characters.</summary>
    public const int Steps = 1 << 22;

    /// <summary>Characters read or written that count as one step.</summary>
    public const int StepCharacters = 16;

    /// <summary>Most characters of one text, the output among them.</summary>
    public const int TextLength = 1 << 23;

    /// <summary>Deepest nesting of operations and calls while a template runs, and of values.</summary>
    public const int Depth = 500;

    /// <summary>Most numbers of a <c>range</c>, as in Jinja's sandbox.</summary>
    public const int Range = 100_000;

    /// <summary>Most bits of a whole number.</summary>
    public const int IntegerBits = 4096;
}
