namespace Caravan.Training;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">In the legend; null for none, since another line stands for it.</param>
/// <param name="Curve">Its points.</param>
/// <param name="Colour">Number of its colour.</param>
/// <param name="Style">How it is drawn.</param>
internal sealed record ChartLine(string? Name, Curve Curve, int Colour, ChartLineStyle Style = ChartLineStyle.Plain);
