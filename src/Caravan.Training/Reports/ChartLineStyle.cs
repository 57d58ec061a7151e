namespace Caravan.Training;

/// <summary>How a curve is drawn.</summary>
internal enum ChartLineStyle
{
    /// <summary>A line.</summary>
    Plain,

    /// <summary>A faint line behind the one that smoothes it.</summary>
    Faint,

    /// <summary>A line with its points, of which there are few.</summary>
    Points,
}
