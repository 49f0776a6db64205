"""Files of fitted estimators, looked through as data before anything is made of them."""
