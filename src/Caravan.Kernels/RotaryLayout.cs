namespace Caravan.Kernels;

/// <summary>Which two features of a head a rotary embedding turns together.</summary>
internal enum RotaryLayout
{
    /// <summary>Feature i with feature i + dimensions/2 (GPT-NeoX, Hugging Face's <c>rotate_half</c>).</summary>
    HalfSplit,

    /// <summary>Feature 2i with feature 2i + 1 (RoFormer's paper, GPT-J, GGUF's llama).</summary>
    Interleaved,
}
