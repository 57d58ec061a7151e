namespace Caravan.Weights;

/// <summary>The layers that a rule of a mix is about; n is the number of layers, divisions are rounded down.</summary>
internal enum LayerRange
{
    /// <summary>All.</summary>
    All,

    /// <summary>Layers 0 and 1.</summary>
    FirstTwo,

    /// <summary>Layers 0 to 3.</summary>
    FirstFour,

    /// <summary>Layers below n / 16.</summary>
    FirstSixteenth,

    /// <summary>Layers below n / 8.</summary>
    FirstEighth,

    /// <summary>The first and the last eighth, and every third layer between.</summary>
    EndsAndEveryThird,
}
