namespace Caravan.Kernels;

/// <summary>How 32 rows of weights become a panel.</summary>
internal interface IPanelFill
{
    /// <summary>Fills the panel with rows from start to end, at most 32; what is missing becomes zero.</summary>
    static abstract void Fill(in IntegerPart part, in QuantizedRows x, long start, long end, PanelScratch panel);
}
