namespace Caravan.Models;

/// <summary>What the dimensions of a learnt tensor stand for: it says how the tensors of layers that are one matrix on disk are joined and parted.</summary>
internal enum AdapterRole
{
    /// <summary>[r, K] or [r, groups of K]: each row is a direction of the inputs.</summary>
    Down,

    /// <summary>[O, r]: each column is a direction of the outputs.</summary>
    Up,

    /// <summary>[r] or [r, 1]: a number for each direction.</summary>
    Directions,

    /// <summary>[O]: a number for each output.</summary>
    Outputs,

    /// <summary>[K]: a number for each input.</summary>
    Inputs,
}
