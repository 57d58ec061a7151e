using System.Text;

namespace Caravan.Cli;

/// <summary>
/// Everything a verb sees of the outside: where text comes from and goes to, whether people look at it, and Ctrl-C. All text is UTF-8.
/// Tests make one over memory.
/// </summary>
internal sealed class Terminal
{
    /// <summary>UTF-8 without a mark at the start.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>A terminal over streams.</summary>
    public Terminal(TextReader input, Stream output, Stream error)
    {
        Input = input;
        OutputBytes = output;
        Output = new StreamWriter(output, Utf8);
        Error = new StreamWriter(error, Utf8) { AutoFlush = true };
    }

    /// <summary>Standard input.</summary>
    public TextReader Input { get; }

    /// <summary>Results; buffered, so whoever wants it seen flushes.</summary>
    public TextWriter Output { get; }

    /// <summary>The stream below <see cref="Output"/>, for documents that write bytes themselves.</summary>
    public Stream OutputBytes { get; }

    /// <summary>Everything about the work that is not its result.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether somebody types the input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Whether somebody watches the output.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether somebody watches the messages.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the window.</summary>
    public int Width { get; init; } = 100;

    /// <summary>Reads an environment variable; null when it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Ctrl-C and its like.</summary>
    public Interrupts Interrupts { get; init; } = new();
}
