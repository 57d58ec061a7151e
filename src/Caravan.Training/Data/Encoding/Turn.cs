namespace Caravan.Training;

/// <summary>A turn of the model in a conversation that was rendered up to its end.</summary>
/// <param name="Text">The conversation up to and with this turn, as the template writes it.</param>
/// <param name="Start">Where in it begins what the model says.</param>
/// <param name="End">Behind the mark that ends the turn, or what else is the last of it.</param>
internal readonly record struct Turn(string Text, int Start, int End);
