namespace Caravan.Kernels;

/// <summary>
/// A thread's scratch for products with many rows of activations: the codes of 32 rows of weights, interleaved so that a register holds four
/// columns of 16 rows, and their scales and offsets.
/// <code>
/// edge         4 × 32 floats: results of a tile that reaches past the last row or output
/// step         floats for one step of blocks padded with zeros: at most eight blocks of 34 bytes
/// row scales   16 × 16 floats: a step of 16 rows before it is transposed
/// row offsets  the same
/// row codes    16 × 256 codes
/// scales       C/G × 32 floats for C columns in groups of G
/// offsets      the same
/// codes        C/4 × 32 rows × 4 codes
/// </code>
/// </summary>
internal readonly unsafe struct PanelScratch(float* scratch, long steps)
{
    /// <summary>Rows of weights in a panel.</summary>
    internal const int Rows = 32;

    /// <summary>Rows of activations in a tile.</summary>
    internal const int TileRows = 4;

    /// <summary>Floats of the padded step.</summary>
    private const int StepFloats = 96;

    private const int EdgeFloats = TileRows * Rows;
    private const int RowFloats = Transposed.Rows * 16;
    private const int RowCodeFloats = Transposed.Rows * QuantizedRows.StepColumns / sizeof(float);
    private const int Head = EdgeFloats + StepFloats + (2 * RowFloats) + RowCodeFloats;
    private const int GroupsPerStep = 16;

    public float* Edge { get; } = scratch;

    public byte* Step { get; } = (byte*)(scratch + EdgeFloats);

    public float* RowScales { get; } = scratch + EdgeFloats + StepFloats;

    public float* RowOffsets { get; } = scratch + EdgeFloats + StepFloats + RowFloats;

    public byte* RowCodes { get; } = (byte*)(scratch + EdgeFloats + StepFloats + (2 * RowFloats));

    public float* Scales { get; } = scratch + Head;

    public float* Offsets { get; } = scratch + Head + (steps * GroupsPerStep * Rows);

    public byte* Codes { get; } = (byte*)(scratch + Head + (2 * steps * GroupsPerStep * Rows));

    /// <summary>Floats that a thread needs.</summary>
    internal static long Floats(long steps) => checked(Head + (steps * ((2 * GroupsPerStep) + (QuantizedRows.StepColumns / sizeof(float))) * Rows));

    /// <summary>Copies what exists of a tile from <see cref="Edge"/>.</summary>
    internal void CopyEdge(float* y, long stride, long rows, long outputs)
    {
        for (long row = 0; row < rows; row++)
            for (long output = 0; output < outputs; output++) y[(row * stride) + output] = Edge[(row * Rows) + output];
    }
}
