namespace Caravan.Training;

/// <summary>How weights that are learnt are kept while they are learnt.</summary>
internal enum WeightStorage
{
    /// <summary>32-bit floats.</summary>
    F32,

    /// <summary>16-bit floats with 8 bits of exponent, beside a 32-bit master copy.</summary>
    BF16,
}
