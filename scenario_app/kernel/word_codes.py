"""Codes of six words, with which a teller comes back to a story. Stored as hashes only, never in an address."""

import re
import secrets
import unicodedata

CODE_WORDS = 6
_LONGEST_TYPED = 200  # characters looked at; six words have 53 at most

# 1,024 plain English words of 4 to 8 letters. No two begin with the same four letters, sound alike or are one
# letter apart, and none is of harm, family or loss. The order is of no use: a code is drawn, not counted.
_LIST = """
acorn acre airport album alcove algebra almond alphabet alpine always amaze amber anchor angle animal answer
antelope anthem april apron aquarium arena armchair aroma artist aspen athlete atlas atom attic august
autumn avenue avocado awake award away awning axle azalea azure backpack badger bagel baker balcony ballad
bamboo banana banjo banner barefoot bargain barley barn barrel basil basket beach beam beaver bedroom beetle
bell berry bicycle bilberry bingo birch bird birthday biscuit bison bistro blanket block blossom blouse blue
boat bonfire bonnet bonsai booklet border borrow botany bottle bouquet bowl branch brass brave bread breeze
brick bright bring broccoli bronze brook brown brush bubble bucket buffalo bugle builder bulb bundle
bungalow bunny bunting busy butter cabbage cabin cactus cafe calendar calf camel camp canal candle canoe
canvas capital captain caramel cardigan careful carnival carousel carpet carrot carton cashew castle catkin
cedar ceiling celery centre cereal chair chalk chapter charm cheddar chef cherry chess chicken chipmunk
chutney cider cinema cinnamon circle citrus classic clean cloak cloth cloud coach coast cobble cocoa coffee
colander comb comfort comma compass concert conifer cookie copper coral corner cosy council courage cracker
cradle craft crane crayon cream crescent cricket crinkle crisp crocus crossing crystal cube cucumber
cupboard cupcake curly curtain curve cushion custard cycle cymbal daffodil daily dance dapple dawn dazzle
december decorate delight dentist design desk detail diamond diary digit dimple dinghy dinosaur dipper dish
dock dolly dolphin domino donkey doodle doormat dormouse double dough dove dozen dragon drawer dress driver
drizzle drum duckling dumpling dune dust duvet eager eagle early earring earthy easy echo eclipse eggshell
egret elbow electric elephant eleven emerald enjoy espresso explore eyebrow eyelash fable fabric falcon
fanfare farmer feast february felt fence fennel fern ferret festival fiddle field fifty figure film filter
finch finger fireside fizzy flag flannel flapjack flask fleece flint flipper float flora flower fluffy flute
foal foggy folder folk foot forest forward foxglove fragrant friday friend fritter frog frosty fruit fudge
furrow galaxy gallop garage garden garlic gazebo gecko gentle geranium giant gibbon gift giggle giraffe
glacier glass glaze gleam glide glimmer glitter globe glow gnome goblet golden golf gondola goose gorilla
gosling gourd grain graph gravel great green grey grocer ground grove guitar gumboot gumdrop halibut hallway
hamlet hammer hamster hand happy harbour hare harmony harvest hawk hayloft hazel head hearth heather hedge
hello helmet helper herb heron hexagon hibiscus highland hiking hill hinge history hobby holiday hollow home
honest hoop horizon horn horse hotel hundred hyacinth icicle icing igloo indigo inside iris ivory jacket
jaguar january jasmine jazz jeans jelly jersey jetty jewel jigsaw jockey journey jubilee juggle juice july
kale kangaroo karate kayak keepsake kestrel ketchup kettle keyboard kilogram kilt kindly kingdom kiosk
kitchen kite kitten kiwi knapsack knee knitting label lace ladder ladybird lagoon lamb lamppost landmark
lantern lanyard larch lark lasagne lattice laugh laundry laurel lavender leaf leek lemon lemur length
leopard lesson letter level liberty library lifeboat light lilac lily lime linen lion listen litre little
lizard llama lobster local locket lodge lollipop loom lorry lotus lounge lowland lucky luggage lullaby
lumber lunch lyric machine magenta magic magnet magpie mahogany major mallard mammoth mandarin mango maple
marble margin marina market maroon marzipan master match maths mattress meadow measure medal medley melody
memory mermaid meteor midnight millet mineral minnow mint miracle mirror mixture model mole monday month
monument moon mosaic motor mouse movie muesli muffin mulberry museum mushroom music mussel napkin narwhal
nature navy neat nebula necklace nectar neon network nickel noble nook north note nugget nutmeg oasis
oatcake oatmeal oats oboe observe ocean octave october office olive omelette onion opal open opera optic
orange orbit orchid organ ornament osprey ostrich outdoor outfit outing oyster pacific paddle page pagoda
painter palace palm pamphlet pancake panda panorama pansy pantry papaya paprika parade parcel parsley party
pasta path patio pattern pavement pavilion peacock peak peanut peapod pearl pebble pecan pelican pencil
pendant penguin penny people pepper perch perfect petal pheasant phone photo piano piccolo pickle picnic
picture pigeon pilot pinafore pinecone pink pinwheel pioneer pipe pitcher pixel pizza plaid planet plaster
plate player plenty plume podium poem polka pollen pompom poncho pond popcorn poplar poppy porpoise porridge
poster potato pottery pouch poultry premium primrose prince prism prize pudding puffball pullover pumpkin
pupil puppet purple puzzle pyramid quail quartz question quick quilt quince quiz rabbit raccoon radish
rainbow raisin ramble rapid rattle reader recipe recorder redwood reed reindeer relax remember rest rhubarb
rice rigging rinse ripple road robe robin robot roller roost rowing royal rubber ruffle ruler runner russet
rustle saffron salad salmon salt sample sandal sapphire sardine satchel satin saturday saucer scale scarf
scene school science scoop scout screen scribble scroll seagull seal seaside seaweed second seesaw sesame
seven sewing shade shampoo shawl shelf shiny ship shirt shoulder shovel shower shrimp shrub shuffle shutter
signal silk silver skate sketch skittle skylark sledge sleep slice small smile smooth snack snail snapshot
sneeze snooze snorkel snow soap soccer soda soft soil solar sonata sound south souvenir space spaniel spark
speaker special sphere spinach spiral splash sponge spool sport spring sprout spruce square squeak squirrel
stable stamp stapler start statue sticker stilt stitch stocking stone stork stream stripe strong study sugar
suitcase sultana sunday sunrise sunset supper surprise swallow swan sweater swift swim swirl sycamore symbol
symphony syrup tabby tadpole tailor talent tapestry tassel taxi teacher teapot teaspoon teddy tennis tent
thank theatre theme thimble thirty thistle thread throne thrush thumb thursday ticket tide tiger timber
tinker tinsel tiny tiptoe title toboggan today tomato tomorrow tongue tool topaz torch tortoise toucan tour
towel town towpath track trail tram treacle treble triangle tricycle trip trolley trombone trophy trumpet
trunk tuba tuesday tugboat tulip turban turnip turtle tweed twelve twenty twig twilight twist ukulele
umbrella uncle unfold unicorn uniform universe uphill upstairs valley vase vehicle velvet verse victory
video view village vinegar vintage viola vivid vixen voice volume voyage waffle wagon wagtail waiter walnut
walrus waltz warbler wardrobe weasel weekend welcome whale wheat wheel whirl whisk wicker widget wildlife
window wing winner wisdom wombat wonder woodland woollen workshop world wrap wreath wren wrist yard yoga
yogurt young zebra zero zigzag zinc zone zoology
"""
WORDS = tuple(_LIST.split())


def new_word_code() -> str:
    """Return six words with spaces between: 60 random bits."""
    return " ".join(secrets.choice(WORDS) for _ in range(CODE_WORDS))


def clean_word_code(typed: str) -> str:
    r"""Return what was typed as a code: any case; spaces, hyphens, commas, dots and line breaks are one thing.

    >>> clean_word_code(" Acorn-KETTLE,\r\nheron.  Lamp\u00a0 mint  Otter ")
    'acorn kettle heron lamp mint otter'
    """
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).lower()
    return " ".join(re.findall(r"[a-z]+", plain))
