namespace Caravan.Kernels;

/// <summary>The integer products of one block type by which gradients go back.</summary>
/// <param name="panelColumns">Columns of weights that are one item of work.</param>
/// <param name="scratchFloats">Floats of scratch that a thread needs.</param>
/// <param name="multiply">See <see cref="GradientPart.Multiply"/>.</param>
internal sealed unsafe class GradientKernel(long panelColumns, long scratchFloats, delegate*<in GradientPart, in ChunkedRows, long, long, float*, void> multiply)
{
    public long PanelColumns { get; } = panelColumns;

    public long ScratchFloats { get; } = scratchFloats;

    public delegate*<in GradientPart, in ChunkedRows, long, long, float*, void> Multiply { get; } = multiply;
}
