namespace Caravan.Kernels;

/// <summary>How PanelDots512 lays out a thread's scratch.</summary>
internal static class PanelScratch
{
    /// <summary>Floats for one step of blocks padded with zeros: at most eight blocks of 34 bytes.</summary>
    internal const int StepFloats = 96;

    /// <summary>Floats that a thread needs.</summary>
    internal static long Floats(long columns, long rows) => StepFloats;
}
