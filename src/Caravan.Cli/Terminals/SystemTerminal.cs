using Microsoft.Win32.SafeHandles;

namespace Caravan.Cli;

/// <summary>The terminal or pipes that the process was started with.</summary>
internal static class SystemTerminal
{
    private const int StandardOutput = 1;

    /// <summary>Opens standard input, output and error.</summary>
    public static Terminal Open()
    {
        // Not Console.In: in a terminal that is a line editor of its own, where Ctrl-C and UTF-8 are better left to the system.
        StreamReader input = new(Console.OpenStandardInput(), Terminal.Utf8, detectEncodingFromByteOrderMarks: false);
        return new Terminal(input, OpenOutput(), Console.OpenStandardError())
        {
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = Columns(),
        };
    }

    /// <summary>
    /// The console's stream swallows the news that the reader of a pipe has gone, so that 'caravan … | head' would compute to the end for nobody.
    /// A file stream reports it; but it writes at positions of its own, so it is not for files that standard error may share.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return Console.OpenStandardOutput();
        FileStream stream = new(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    private static int Columns()
    {
        const int usual = 100;
        if (Console.IsOutputRedirected && Console.IsErrorRedirected) return usual;
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : usual;
        }
        catch (IOException)
        {
            return usual;
        }
    }
}
