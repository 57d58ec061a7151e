namespace Caravan.Kernels;

/// <summary>
/// A thread's scratch for products with many rows of activations: the codes of 32 rows of weights, interleaved so that a register holds four
/// columns of 16 rows, and their scales and offsets.
/// <code>
/// step         floats for one step of blocks padded with zeros: at most eight blocks of 34 bytes
/// scales       C/G × 32 floats for C columns in groups of G
/// offsets      the same
/// codes        C/4 × 32 rows × 4 codes
/// </code>
/// </summary>
internal readonly unsafe struct PanelScratch(float* scratch, long steps)
{
    /// <summary>Rows of weights in a panel.</summary>
    internal const int Rows = 32;

    /// <summary>Floats of the padded step.</summary>
    internal const int StepFloats = 96;

    private const int GroupsPerStep = 16;

    public byte* Step { get; } = (byte*)scratch;

    public float* Scales { get; } = scratch + StepFloats;

    public float* Offsets { get; } = scratch + StepFloats + (steps * GroupsPerStep * Rows);

    public byte* Codes { get; } = (byte*)(scratch + StepFloats + (2 * steps * GroupsPerStep * Rows));

    /// <summary>Floats that a thread needs.</summary>
    internal static long Floats(long steps) => checked(StepFloats + (steps * ((2 * GroupsPerStep) + (QuantizedRows.StepColumns / sizeof(float))) * Rows));
}
