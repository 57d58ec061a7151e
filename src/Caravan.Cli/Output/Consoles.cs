using System.Text;
using Spectre.Console;

namespace Caravan.Cli;

/// <summary>Makes Spectre consoles that write where the <see cref="Terminal"/> says.</summary>
internal static class Consoles
{
    /// <summary>A console over one of the terminal's writers, which somebody watches.</summary>
    public static IAnsiConsole Over(TextWriter writer, Terminal terminal) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new WatchedOutput(writer, terminal.Width) });

    private sealed class WatchedOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        private const int UsualHeight = 24;

        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => UsualHeight;

        public void SetEncoding(Encoding encoding)
        {
            // Always UTF-8.
        }
    }
}
