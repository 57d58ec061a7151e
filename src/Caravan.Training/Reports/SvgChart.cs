using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Caravan.Training;

/// <summary>Draws a chart as SVG, with its numbers beside it for the script that shows them under the pointer.</summary>
internal sealed class SvgChart
{
    private const int Left = 58, Right = 18, Top = 12, Bottom = 30;

    private readonly Chart chart;
    private readonly int width, height;
    private readonly ChartAxis across, up;
    private readonly double firstStep, lastStep;
    private readonly StringBuilder text = new();

    private SvgChart(Chart chart, int width, int height)
    {
        (this.chart, this.width, this.height) = (chart, width, height);
        (firstStep, lastStep) = (chart.Lines.Min(line => line.Curve.Steps[0]), chart.Lines.Max(line => line.Curve.Steps[^1]));
        // Nothing is written left of the first step; a run of one step still has an axis.
        across = ChartAxis.Between(firstStep > 1 ? firstStep : 0, Math.Max(lastStep, firstStep + 1));
        up = ChartAxis.For([.. chart.Lines.Select(line => line.Curve)], chart.MayBeLogarithmic);
    }

    /// <summary>The drawing.</summary>
    /// <param name="chart">No curve is empty.</param>
    /// <param name="width">Units across.</param>
    /// <param name="height">Units down.</param>
    public static string Draw(Chart chart, int width, int height) => new SvgChart(chart, width, height).Draw();

    private string Draw()
    {
        text.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(chart.Title)}\" data-chart=\"{WebUtility.HtmlEncode(Numbers())}\">\n");
        foreach (double tick in up.Ticks)
        {
            double y = Y(tick);
            text.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>");
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{up.Label(tick)}</text>\n");
        }

        foreach (double tick in across.Ticks.Where(tick => tick == Math.Truncate(tick)))
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(tick):0.#}\" y=\"{height - 8}\" text-anchor=\"middle\">{across.Label(tick)}</text>\n");
        text.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{height - Bottom}\" y2=\"{height - Bottom}\"/>\n");
        foreach (ChartLine line in chart.Lines) DrawLine(line);
        text.Append(CultureInfo.InvariantCulture, $"<line class=\"cursor\" y1=\"{Top}\" y2=\"{height - Bottom}\"/>\n</svg>");
        return text.ToString();
    }

    private void DrawLine(ChartLine line)
    {
        Curve curve = line.Curve.Thinned();
        string look = $"c{line.Colour}{(line.Style == ChartLineStyle.Faint ? " faint" : "")}";
        if (curve.Steps.Count > 1)
        {
            text.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{look}\" points=\"");
            for (int i = 0; i < curve.Steps.Count; i++) text.Append(CultureInfo.InvariantCulture, $"{X(curve.Steps[i]):0.#},{Y(curve.Values[i]):0.#} ");
            text.Append("\"/>\n");
        }

        if (line.Style != ChartLineStyle.Points && curve.Steps.Count > 1) return;
        for (int i = 0; i < curve.Steps.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"<circle class=\"{look}\" cx=\"{X(curve.Steps[i]):0.#}\" cy=\"{Y(curve.Values[i]):0.#}\" r=\"3\"/>");
        text.Append('\n');
    }

    private double X(double step) => Left + (across.PlaceOf(step) * (width - Left - Right));

    private double Y(double value) => height - Bottom - (up.PlaceOf(value) * (height - Top - Bottom));

    /// <summary>What the script needs: where the first and the last step are, and the points of the lines that have a name.</summary>
    private string Numbers() => JsonSerializer.Serialize(new
    {
        x = new[] { X(firstStep), X(lastStep) },
        steps = new[] { firstStep, lastStep },
        lines = chart.Lines.Where(line => line.Name is not null).Select(line => (line, curve: line.Curve.Thinned())).Select(pair => new
        {
            name = pair.line.Name,
            colour = pair.line.Colour,
            steps = pair.curve.Steps,
            values = pair.curve.Values.Select(value => double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        }),
    });
}
