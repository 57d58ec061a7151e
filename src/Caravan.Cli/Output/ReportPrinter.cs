using Spectre.Console;
using Label = Spectre.Console.Text;

namespace Caravan.Cli;

/// <summary>Prints tables: drawn where somebody watches, plain columns where the output goes on to a file or a program.</summary>
internal sealed class ReportPrinter
{
    private readonly TextWriter output;
    private readonly IAnsiConsole? console;

    /// <summary>A printer to the terminal's output.</summary>
    public ReportPrinter(Terminal terminal)
    {
        output = terminal.Output;
        console = terminal.OutputIsTerminal ? Consoles.Over(terminal.Output, terminal) : null;
    }

    /// <summary>Names with their values.</summary>
    public void Pairs(string title, IEnumerable<(string Name, string Value)> pairs) => Table(title, [], pairs.Select(pair => (string[])[pair.Name, pair.Value]));

    /// <summary>Rows under column names.</summary>
    public void Table(string title, string[] columns, IEnumerable<string[]> rows)
    {
        string[][] shown = [.. rows.Select(row => (string[])[.. row.Select(Harmless)])];
        if (shown.Length == 0) return;
        if (console is null) PrintPlain(Harmless(title), columns, shown);
        else Draw(console, Harmless(title), columns, shown);
    }

    /// <summary>Names come from files of strangers; their control characters must not command the terminal.</summary>
    private static string Harmless(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(each => char.IsControl(each) ? '\uFFFD' : each)) : text;

    private static void Draw(IAnsiConsole console, string title, string[] columns, IReadOnlyList<string[]> rows)
    {
        Table table = new() { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)), ShowHeaders = columns.Length > 0 };
        foreach (int column in Enumerable.Range(0, rows[0].Length))
            table.AddColumn(new TableColumn(new Label(column < columns.Length ? columns[column] : "")));
        foreach (string[] row in rows) table.AddRow(row.Select(cell => new Label(cell)));
        console.Write(table);
    }

    private void PrintPlain(string title, string[] columns, IReadOnlyList<string[]> rows)
    {
        output.WriteLine(title);
        string[][] lines = columns.Length > 0 ? [columns, .. rows] : [.. rows];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
            output.WriteLine("  " + string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
