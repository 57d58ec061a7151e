namespace Caravan.Models;

/// <summary>How the rows of a text become one vector.</summary>
internal enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The first row.</summary>
    First,

    /// <summary>The last row.</summary>
    Last,

    /// <summary>tanh(W x + b) of the first row, where the model has such a projection.</summary>
    Projected,
}
