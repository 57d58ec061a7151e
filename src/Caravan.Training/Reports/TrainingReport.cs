using System.Globalization;
using System.Net;
using System.Text;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>A page with the curves, settings and circumstances of runs: one file that needs no other, for light and dark screens.</summary>
internal sealed class TrainingReport
{
    /// <summary>Runs that a page can compare: as many as there are colours to tell them by.</summary>
    public const int MostRuns = 8;

    private const int EnoughToSmooth = 20, Wide = 1120, Narrow = 550;

    private readonly IReadOnlyList<RunHistory> runs;
    private readonly StringBuilder page = new();

    private TrainingReport(IReadOnlyList<RunHistory> runs) => this.runs = runs;

    /// <summary>Writes the page of runs; to a file whose name ends in <c>.svg</c> the curves of their losses alone, a picture for other pages.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folders">Folders of runs, at most <see cref="MostRuns"/>.</param>
    /// <exception cref="CaravanException">A folder holds no run, or the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<string> folders)
    {
        if (folders.Count > MostRuns) throw new CaravanException($"A report compares at most {MostRuns} runs, not {folders.Count}; leave some out.");
        TrainingReport report = new([.. folders.Select(RunHistory.Read)]);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase) ? report.Picture() : report.Page()));
    }

    private bool Compares => runs.Count > 1;

    private string Picture()
    {
        if (!runs.Any(run => run.Quantities.Contains("loss"))) throw new CaravanException("There is no loss to draw yet: no step has ended.");
        string drawing = SvgChart.Draw(ChartOf("loss"), Wide, 340);
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Wide}\" height=\"340\"{drawing["<svg".Length..]}".Replace("</svg>", $"<style>\n{Resource("report.css")}</style>\n</svg>", StringComparison.Ordinal);
    }

    private string Page()
    {
        string title = Compares ? $"{runs.Count} training runs" : $"Training run {runs[0].Name}";
        page.Append("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Encoded(title)}</title>\n<style>\n{Resource("report.css")}</style>\n");
        page.Append(CultureInfo.InvariantCulture, $"<header><h1>{Encoded(title)}</h1>{(Compares ? "" : $"<p>{Circumstances(runs[0])}</p>")}</header>\n<main>\n");
        if (Compares) AppendTable(["run", .. RunSummary.Names], runs.Select((run, i) => (string[])[Chip(i) + Encoded(run.Name), .. RunSummary.Of(run).Select(Encoded)]));
        else AppendTiles(RunSummary.Names.Zip(RunSummary.Of(runs[0])));
        AppendCharts();
        AppendSettings();
        page.Append(CultureInfo.InvariantCulture, $"</main>\n<script>\n{Resource("report.js")}</script>\n</html>\n");
        return page.ToString();
    }

    private void AppendTiles(IEnumerable<(string Name, string Value)> tiles)
    {
        page.Append("<section class=\"tiles\">\n");
        foreach ((string name, string value) in tiles) page.Append(CultureInfo.InvariantCulture, $"<div><span>{Encoded(name)}</span><b>{Encoded(value)}</b></div>\n");
        page.Append("</section>\n");
    }

    private void AppendTable(IEnumerable<string> columns, IEnumerable<string[]> rows)
    {
        page.Append("<section class=\"card wide scroll\"><table>\n<tr>").AppendJoin("", columns.Select(column => $"<th>{Encoded(column)}</th>")).Append("</tr>\n");
        foreach (string[] row in rows) page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{cell}</td>")).Append("</tr>\n");
        page.Append("</table></section>\n");
    }

    private void AppendCharts()
    {
        page.Append("<section class=\"charts\">\n");
        foreach (string quantity in runs.SelectMany(run => run.Quantities).Distinct())
        {
            AppendChart(ChartOf(quantity), quantity == "loss");
            if (quantity == "gradient_norm") AppendChart(new Chart("Tokens per second", [.. runs.SelectMany((run, i) => Smoothed(Compares ? run.Name : "in steps", run.Speed, i))]), wide: false);
        }

        page.Append("</section>\n");
    }

    private Chart ChartOf(string quantity) => new(TitleOf(quantity), [.. runs.SelectMany((run, i) => Lines(run, i, quantity))], quantity != "learning_rate");

    private void AppendChart(Chart chart, bool wide)
    {
        if (chart.Lines.All(line => line.Curve.Values.All(value => value == 0))) return;
        page.Append(CultureInfo.InvariantCulture, $"<figure class=\"card{(wide ? " wide" : "")}\"><figcaption><b>{Encoded(chart.Title)}</b>");
        ChartLine[] named = [.. chart.Lines.Where(line => line.Name is not null)];
        if (named.Length > 1)
            foreach (ChartLine line in named) page.Append(CultureInfo.InvariantCulture, $"<span class=\"key\">{Chip(line.Colour, line.Style == ChartLineStyle.Points)}{Encoded(line.Name!)}</span>");
        page.Append("</figcaption>\n").Append(SvgChart.Draw(chart, wide ? Wide : Narrow, wide ? 340 : 240)).Append("\n</figure>\n");
    }

    private IEnumerable<ChartLine> Lines(RunHistory run, int number, string quantity)
    {
        string name = Compares ? run.Name : "in steps";
        IEnumerable<ChartLine> lines = quantity == "learning_rate" ? Plain(name, run.InSteps(quantity), number) : Smoothed(name, run.InSteps(quantity), number);
        Curve heldOut = run.HeldOut(quantity);
        return heldOut.IsEmpty ? lines : lines.Append(new ChartLine(Compares ? $"{run.Name}, held out" : "held out", heldOut, Compares ? number : 1, ChartLineStyle.Points));
    }

    private static IEnumerable<ChartLine> Plain(string name, Curve curve, int colour) => curve.IsEmpty ? [] : [new ChartLine(name, curve, colour)];

    /// <summary>The single steps show behind their mean, but for several runs, which would hide each other.</summary>
    private IEnumerable<ChartLine> Smoothed(string name, Curve curve, int colour)
    {
        if (curve.Steps.Count < EnoughToSmooth) return Plain(name, curve, colour);
        ChartLine smooth = new(name, curve.Smoothed(), colour);
        return Compares ? [smooth] : [new ChartLine(null, curve, colour, ChartLineStyle.Faint), smooth];
    }

    private void AppendSettings()
    {
        if (Compares)
        {
            AppendDifferences();
            foreach (RunHistory run in runs) page.Append(CultureInfo.InvariantCulture, $"<p>{Encoded(run.Name)}: {Circumstances(run)}</p>\n");
        }

        foreach (RunHistory run in runs.Where(run => run.Settings.Length > 0))
            page.Append(CultureInfo.InvariantCulture, $"<details class=\"card wide\"{(Compares ? "" : " open")}><summary>Settings{(Compares ? $" of {Encoded(run.Name)}" : "")}</summary><pre>{Encoded(run.Settings)}</pre></details>\n");
    }

    private void AppendDifferences()
    {
        IReadOnlyDictionary<string, string>[] all = [.. runs.Select(run => YamlText.Flattened(run.Settings))];
        string[] different = [.. all.SelectMany(each => each.Keys).Distinct().Where(key => all.Select(each => each.GetValueOrDefault(key)).Distinct().Count() > 1)];
        if (different.Length == 0) return;
        IEnumerable<string> names = runs.Select(run => run.Name);
        AppendTable(["setting", .. names], different.Select(key => (string[])[Encoded(key), .. all.Select(each => Encoded(each.GetValueOrDefault(key) ?? "–"))]));
    }

    private static string Circumstances(RunHistory run)
    {
        if (run.Facts is not { } facts) return Encoded(run.Folder);
        string until = facts.End == "running" ? "" : $", {facts.End} {Date(facts.Updated)}";
        return $"{Encoded(run.Folder)} · begun {Date(facts.Started)}{until} · {Encoded(facts.Machine)} · {Encoded(facts.Version)}";
    }

    private static string Date(DateTimeOffset date) => date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Chip(int colour, bool points = false) => $"<i class=\"chip c{colour}{(points ? " round" : "")}\"></i>";

    private static string TitleOf(string quantity) => char.ToUpperInvariant(quantity[0]) + quantity[1..].Replace('_', ' ');

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);

    private static string Resource(string name)
    {
        using StreamReader reader = new(typeof(TrainingReport).Assembly.GetManifestResourceStream($"Caravan.Training.{name}")!);
        return reader.ReadToEnd();
    }
}
